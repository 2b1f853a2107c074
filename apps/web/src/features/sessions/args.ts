export type Options = Map<string, string>;

const NUMBER = /^-?\.?\d/;

/**
 * Command-line arguments as names and values: `--lr 0.1` and `--lr=0.1` alike, a flag without a value is `yes`,
 * arguments without a name are numbered `#1`, `#2` …; a name given several times keeps all its values.
 */
export function parseArgs(args: readonly string[]): Options {
  const options: Options = new Map();
  let positional = 0;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (!isOption(arg)) {
      positional += 1;
      options.set(`#${positional}`, arg);
      continue;
    }
    const equals = arg.indexOf("=");
    const following = args[index + 1];
    if (equals > 0) add(options, arg.slice(0, equals), arg.slice(equals + 1));
    else if (following !== undefined && !isOption(following)) {
      add(options, arg, following);
      index += 1;
    } else add(options, arg, "yes");
  }
  return options;
}

const isOption = (arg: string) => arg.startsWith("-") && arg !== "-" && !NUMBER.test(arg);

function add(options: Options, name: string, value: string): void {
  const before = options.get(name);
  options.set(name, before === undefined ? value : `${before}, ${value}`);
}

export interface ArgRow {
  name: string;
  /** one a session, null where it has no such argument */
  values: (string | null)[];
  differs: boolean;
}

/** Arguments of several sessions side by side; rows that differ come first, each part in order of names. */
export function compareArgs(sessions: readonly (readonly string[])[]): ArgRow[] {
  const parsed = sessions.map(parseArgs);
  const names = [...new Set(parsed.flatMap((options) => [...options.keys()]))].sort();
  return names
    .map((name) =>
      rowOf(
        name,
        parsed.map((options) => options.get(name) ?? null),
      ),
    )
    .sort(differingFirst);
}

/** A row of a comparison: whether its values differ is worked out from them. */
export const rowOf = (name: string, values: (string | null)[]): ArgRow => ({
  name,
  values,
  differs: new Set(values).size > 1,
});

const differingFirst = (a: ArgRow, b: ArgRow) => Number(b.differs) - Number(a.differs);
