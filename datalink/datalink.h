/* datalink.h -- what belongs to a data product and what can be cut out of it: DataLink 1.1,
 * SODA 1.0, files, packages, previews. */
#ifndef DATALINK_DATALINK_H
#define DATALINK_DATALINK_H

/* `colure cutout FILE --out FILE [--hdu N] [--pos SHAPE] [--band "A B"] ...`: a cut-out of
 * a local file. argv: what follows the command's word. Returns the exit status: 0, 1
 * failed, 2 misused, 3 request and data have nothing in common. */
int datalink_cutout_command(int argc, char **argv);

#endif
