from __future__ import annotations

from fake_runner import SdkTest
from podium._frames import encode_frame
from podium._outbox import Outbox, Reply


class Bounds(SdkTest):
    def test_beyond_its_limit_it_drops_the_oldest_reports_and_nothing_else(self) -> None:
        outbox = Outbox(encode_frame, limit_bytes=1000)
        outbox.append("report", {"step": 0})
        outbox.append("save", {"name": "best"}, Reply())
        for step in range(1, 100):
            outbox.append("report", {"step": step})
        frames = outbox.take(10**6)
        self.assertLessEqual(len(frames), 1000)
        self.assertIn(b'"best"', frames)
        self.assertIn(b'"step":99', frames)
        self.assertNotIn(b'"step":0}', frames)
        self.assertEqual(outbox.dropped, 101 - outbox.unacknowledged)

    def test_a_load_stays_until_its_path_is_known(self) -> None:
        outbox = Outbox(encode_frame)
        reply = Reply()
        outbox.append("load", {"name": "best"}, reply)
        outbox.append("report", {"step": 1})
        outbox.take(10**6)
        outbox.acknowledge(2)
        self.assertEqual(outbox.unacknowledged, 1)
        outbox.rewind()
        self.assertIn(b'"load"', outbox.take(10**6))
        outbox.answer(1, path="/checkpoints/best")
        self.assertEqual(reply.result(), "/checkpoints/best")
        self.assertEqual(outbox.unacknowledged, 0)
