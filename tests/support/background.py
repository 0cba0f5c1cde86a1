"""What many people do to a node at once, for load tests: hundreds of open connections that ask
now and then, scans, slow readers, readers that leave, uploads. Every answer is judged: an error
is right only when it says which limit it is about and when to come back."""
import asyncio
import random
import threading
import urllib.parse

UPLOAD = ("--x\r\nContent-Disposition: form-data; name=\"UPLOAD\"\r\n\r\nu,param:u\r\n"
          "--x\r\nContent-Disposition: form-data; name=\"u\"; filename=\"u.csv\"\r\n"
          "Content-Type: text/csv\r\n\r\n{rows}\r\n--x--\r\n")


def sync(query, **more):
    return "/tap/sync?" + urllib.parse.urlencode(dict(LANG="ADQL", QUERY=query, **more))


class Background:
    """Runs in a thread of its own between start() and stop()."""

    def __init__(self, port, scan, look_up, join, idle=430, slow=20, leavers=8, scans=3, uploads=2):
        self.port, self.scan, self.look_up, self.join = port, scan, look_up, join
        self.counts = dict(idle=idle, slow=slow, leave=leavers, scan_all=scans, upload=uploads)
        self.done = self.limits = 0
        self.errors = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.stopping = False
        self.thread.start()
        return self

    def stop(self):
        self.stopping = True
        self.thread.join(90)
        if self.thread.is_alive():
            self.errors.append("a client did not come back")

    @property
    def connections(self):
        return sum(self.counts.values())

    def _run(self):
        asyncio.set_event_loop(self.loop)
        tasks = [self._for_ever(getattr(self, kind)) for kind, n in self.counts.items()
                 for _ in range(n)]
        self.loop.run_until_complete(asyncio.gather(*tasks))

    async def _for_ever(self, what):
        await asyncio.sleep(random.random() * 2)
        while not self.stopping:
            try:
                await asyncio.wait_for(what(), 60)
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError) as e:
                self.errors.append(f"{what.__name__}: {type(e).__name__} {e}")
                await asyncio.sleep(0.2)

    async def _connect(self, limit=2 ** 16):
        return await asyncio.open_connection("127.0.0.1", self.port, limit=limit)

    async def _head(self, reader):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        return int(head.split()[1]), fields

    async def _body(self, reader, fields):
        """Reads it to its end; the first few kB of it."""
        kept, total = b"", 0
        if "chunked" not in fields.get("transfer-encoding", ""):
            return await reader.readexactly(int(fields.get("content-length", 0)))
        while True:
            size = int((await reader.readline()).split(b";")[0], 16)
            left = size + 2
            while left:
                piece = await reader.read(min(left, 2 ** 18))
                if not piece:
                    raise asyncio.IncompleteReadError(b"", left)
                left -= len(piece)
                if len(kept) < 4096:
                    kept += piece
            total += size
            if size == 0:
                return kept

    def _judge(self, what, status, fields, body):
        self.done += 1
        if status == 503 and "retry-after" in fields:
            self.limits += 1
        elif status != 200:
            self.errors.append(f"{what}: {status} {body[:300]!r}")

    async def _ask(self, what, path, reader, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await writer.drain()
        status, fields = await self._head(reader)
        self._judge(what, status, fields, await self._body(reader, fields))

    async def idle(self):
        reader, writer = await self._connect()
        for _ in range(5):
            await self._ask("idle", self.look_up(), reader, writer)
            until = random.uniform(4, 12)
            while until > 0 and not self.stopping:
                await asyncio.sleep(0.5)
                until -= 0.5
            if self.stopping:
                break
        writer.close()

    async def scan_all(self):
        reader, writer = await self._connect(2 ** 20)
        await self._ask("scan", self.scan, reader, writer)
        writer.close()
        await asyncio.sleep(random.random())

    async def slow(self):
        reader, writer = await self._connect(2 ** 13)
        writer.write(f"GET {self.scan} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        status, fields = await self._head(reader)
        self._judge("slow reader", status, fields, b"")
        for _ in range(400):
            if self.stopping or not await reader.read(8192):
                break
            await asyncio.sleep(0.05)
        writer.transport.abort()

    async def leave(self):
        reader, writer = await self._connect()
        writer.write(f"GET {self.scan} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        if random.random() < 0.5:
            await reader.read(65536)
        writer.transport.abort()
        self.done += 1
        await asyncio.sleep(random.random())

    async def upload(self):
        rows = "n,ra,dec\r\n" + "\r\n".join(
            f"{i},{random.uniform(0, 360):.6f},{random.uniform(-80, 80):.6f}" for i in range(1000))
        body = UPLOAD.format(rows=rows).encode()
        reader, writer = await self._connect()
        path = sync(self.join, RESPONSEFORMAT="csv")
        writer.write((f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
                      "Content-Type: multipart/form-data; boundary=x\r\n\r\n").encode() + body)
        await writer.drain()
        status, fields = await self._head(reader)
        self._judge("upload", status, fields, await self._body(reader, fields))
        writer.close()
        await asyncio.sleep(random.random())
