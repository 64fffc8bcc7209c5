"""Writes two records as gzip, flushed; the third once `seen` exists, so that the first two must have been read by then."""
import os
import sys
import time
import zlib

packer = zlib.compressobj(wbits=31)
out = sys.stdout.buffer
out.write(packer.compress(b'{"n":1}\n{"n":2}\n') + packer.flush(zlib.Z_SYNC_FLUSH))
out.flush()
limit = time.monotonic() + 30
while not os.path.exists("seen"):
    if time.monotonic() > limit:
        sys.exit("the flushed records were not read")
    time.sleep(0.01)
out.write(packer.compress(b'{"n":3}\n') + packer.flush())
