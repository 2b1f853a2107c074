"""Frames as they arrive: large ones are not copied, and what somebody looks into stays as it came."""

from __future__ import annotations

import socket
import threading
import unittest

from podium._frames import FrameReader, encode_frame

SIZES = [10, 3_000_000, 3_000_000, 70_000, 300_000, 0, 2_000_000]


class Frames(unittest.TestCase):
    def setUp(self) -> None:
        self.source, self.target = socket.socketpair()
        self.addCleanup(self.source.close)
        self.addCleanup(self.target.close)
        self.reader = FrameReader()

    def tails(self, *sent: bytes) -> list[memoryview]:
        frames = b"".join(encode_frame(b'{"type":"batch"}', tail) for tail in sent)
        writer = threading.Thread(target=self.source.sendall, args=(frames,))
        writer.start()
        tails: list[memoryview] = []
        while len(tails) < len(sent):
            frame = self.reader.next()
            if frame is None:
                self.assertGreater(self.reader.receive(self.target), 0)
            else:
                tails.append(frame[1])
        writer.join()
        return tails

    def test_tails_that_are_kept_stay_as_they_came(self) -> None:
        sent = [bytes([number]) * size for number, size in enumerate(SIZES)]
        first = self.tails(*sent)
        second = self.tails(*reversed(sent))
        self.assertTrue(first == sent)
        self.assertTrue(second == sent[::-1])

    def test_memory_is_used_again_when_nobody_looks_into_it(self) -> None:
        self.tails(b"x" * 3_000_000)
        (kept,) = self.tails(b"y" * 3_000_000)
        buffer = id(kept.obj)
        del kept
        (again,) = self.tails(b"z" * 3_000_000)
        self.assertEqual(id(again.obj), buffer)


if __name__ == "__main__":
    unittest.main()
