/* message.h -- what all messages of this folder have in common. */
#ifndef ADQL_MESSAGE_H
#define ADQL_MESSAGE_H

/* Control characters of quoted names and texts become blanks. */
void message_one_line(char *message);

#endif
