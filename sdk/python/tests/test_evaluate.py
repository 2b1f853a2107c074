from __future__ import annotations

from fake_runner import SdkTest


class Evaluates(SdkTest):
    def test_code_is_evaluated_in_the_scope_at_the_next_report(self) -> None:
        runner = self.runner()
        process = self.start("""
            import time, podium
            def train():
                rate = {"lr": 0.5}
                while True:
                    podium.report(loss=1, scope=locals())
                    time.sleep(0.01)
            train()
        """)
        runner.wait_for(lambda: len(runner.of("report")) > 0)
        answers: list[tuple[bool, list[str]]] = []
        for number, code in enumerate(["rate['lr']", "rate['lr'] = 2", "rate['lr']", "print('a'); nope"]):
            runner.send({"type": "exec", "id": str(number), "code": code})
            runner.wait_for(lambda number=number: len(runner.executed) == number + 1)
            frame = runner.executed[-1]
            answers.append((frame["ok"], frame["text"].strip().splitlines()[-1:]))
        process.kill()
        self.assertEqual(
            answers,
            [
                (True, ["0.5"]),
                (True, []),
                (True, ["2"]),
                (False, ["NameError: name 'nope' is not defined"]),
            ],
        )
