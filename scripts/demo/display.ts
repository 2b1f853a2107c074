/** Shows how the demo goes: status lines that are redrawn on a terminal, plain lines elsewhere. */
export interface Display {
  /** Something that stays on the screen. */
  note(text: string): void;
  /** Where someone stands; on a terminal their line is redrawn. */
  state(who: string, text: string): void;
  /** What someone's work says just now; shown on a terminal only. */
  detail(who: string, text: string): void;
  /** Takes the status lines away. */
  clear(): void;
}

const DRAW_EVERY_MS = 80;

export function createDisplay(stream: NodeJS.WriteStream = process.stdout): Display {
  return stream.isTTY ? terminalDisplay(stream) : plainDisplay(stream);
}

function plainDisplay(stream: NodeJS.WriteStream): Display {
  const note = (text: string) => {
    stream.write(`${text}\n`);
  };
  return { note, state: (who, text) => note(`  ${who}: ${text}`), detail: () => {}, clear: () => {} };
}

function terminalDisplay(stream: NodeJS.WriteStream): Display {
  const states = new Map<string, { text: string; detail: string }>();
  let drawn = 0;
  let timer: Timer | undefined;
  const erase = () => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\r\u001b[J`);
    drawn = 0;
  };
  const draw = () => {
    timer = undefined;
    erase();
    for (const [who, { text, detail }] of states) {
      const line = `  ${who.padEnd(14)} ${text}${detail === "" ? "" : ` \u001b[2m${detail}`}`;
      stream.write(`${Bun.sliceAnsi(line, 0, (stream.columns ?? 80) - 1)}\u001b[0m\n`);
      drawn++;
    }
  };
  const drawSoon = () => {
    timer ??= setTimeout(draw, DRAW_EVERY_MS);
  };
  return {
    note: (text) => {
      erase();
      stream.write(`${text}\n`);
      draw();
    },
    state: (who, text) => {
      states.set(who, { text, detail: "" });
      drawSoon();
    },
    detail: (who, text) => {
      const state = states.get(who);
      if (!state) return;
      state.detail = text;
      drawSoon();
    },
    clear: () => {
      clearTimeout(timer);
      states.clear();
      erase();
    },
  };
}
