interface Named {
  readonly name: string;
}

/** Those of `all` that a comma-separated list names, in its order; all of them without a list. An unknown name ends the process. */
export const chosen = <T extends Named>(all: readonly T[], list: string | undefined): readonly T[] =>
  list === undefined ? all : list.split(',').map(name => all.find(one => one.name === name) ?? unknown(name, all));

function unknown(name: string, all: readonly Named[]): never {
  process.stderr.write(`bench: no ${name}; there are ${all.map(one => one.name).join(', ')}\n`);
  process.exit(2);
}
