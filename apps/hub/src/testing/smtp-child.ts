import { SMTPServer } from "smtp-server";

/** A mail server that says its port, then each message it has taken. What it does with one depends on who it is for. */
const ANSWERS: Record<string, { code: number; text: string }> = {
  busy: { code: 451, text: "Try again later" },
  gone: { code: 550, text: "No such user here" },
};

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onRcptTo({ address }, _session, done) {
    const name = address.split("@")[0] ?? "";
    const answer = ANSWERS[name];
    if (name === "slow") return;
    if (answer) return done(Object.assign(new Error(answer.text), { responseCode: answer.code }));
    done();
  },
  onData(stream, session, done) {
    const parts: Buffer[] = [];
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("end", () => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      console.log(JSON.stringify({ to, text: Buffer.concat(parts).toString() }));
      done();
    });
  },
});
server.listen(0, "127.0.0.1", () => {
  const address = server.server.address();
  console.log(typeof address === "object" ? address?.port : address);
});
process.stdin.resume().on("end", () => process.exit(0));
