/** Puts what was measured into words. */

const TARGETS = [
  {
    what: 'role rule, 1 MB message: times faster than the SDK',
    least: 50,
    of: ({ rows }) => sdk(rows, 1_000) / find(rows, 'role', 1_000, 'regate').p50,
  },
  {
    what: 'role rule, 1 KB message: times faster than the SDK',
    least: 3,
    of: ({ rows }) => sdk(rows, 1) / find(rows, 'role', 1, 'regate').p50,
  },
  {
    what: 'role rule, 1 KB message, remembered: times faster than the SDK',
    least: 30,
    of: ({ rows, remembered }) => sdk(rows, 1) / remembered.p50,
  },
  {
    what: 'first decision of a process, about all of 1 MB: of a warm one',
    most: 1.2,
    of: ({ first }) => {
      const { first: once, warm } = first.find(({ policy }) => policy === 'body');
      return once / warm;
    },
  },
  {
    // What is remembered fills up to its bound, and is forgotten by halves.
    what: 'growth over all those decisions, MiB',
    most: 16,
    of: ({ growth }) => growth.late - growth.early,
  },
];

/**
 * @param {Awaited<ReturnType<typeof import('./measure.mjs').measure>>} results
 * @returns {{ text: string, reached: boolean }} `reached` if all targets are
 */
export function reportOf(results) {
  const { rows, remembered, first, growth } = results;
  const lines = [
    line('policy', 'message', 'contender', 'p50 µs', 'p99 µs', 'CPU µs', 'MiB', 'p50 to ours'),
    ...rows.map((row) => rowLine(row, row.kind, find(rows, row.policy, row.kilobytes, 'regate'))),
    rowLine(remembered, 'regate, remembered', find(rows, 'role', 1, 'regate')),
    '',
    ...first.map(
      ({ policy, first: once, warm }) =>
        `first decision of a process, ${policy}, 1 MB: ${rounded(once)} µs; warm: ${rounded(warm)} µs`,
    ),
    `live memory in ${growth.decisions} decisions: ${rounded(growth.early)} MiB early, ${rounded(growth.late)} MiB late`,
    '',
  ];
  const verdicts = TARGETS.map(({ what, least, most, of }) => {
    const value = of(results);
    const reached = least === undefined ? value <= most : value >= least;
    const target = least === undefined ? `at most ${most}` : `at least ${least}`;
    return { reached, text: `${reached ? 'reached' : 'MISSED '} ${what}: ${rounded(value)} (${target})` };
  });
  const text = [...lines, ...verdicts.map((verdict) => verdict.text), ''].join('\n');
  return { text, reached: verdicts.every(({ reached }) => reached) };
}

function rowLine({ policy, kilobytes, p50, p99, cpu, residentMebibytes }, kind, ours) {
  const figures = [p50, p99, cpu].map(rounded);
  const times = `${rounded(p50 / ours.p50)} ×`;
  return line(policy, `${kilobytes} KB`, kind, ...figures, residentMebibytes.toFixed(0), times);
}

function line(policy, size, kind, ...figures) {
  const right = figures.map((figure) => figure.padStart(12)).join('');
  return `${policy.padEnd(10)}${size.padEnd(9)}${kind.padEnd(19)}${right}`;
}

function rounded(value) {
  return value < 10 ? value.toFixed(2) : value < 1_000 ? value.toFixed(1) : value.toFixed(0);
}

function find(rows, policy, kilobytes, kind) {
  return rows.find((row) => row.policy === policy && row.kilobytes === kilobytes && row.kind === kind);
}

/** The SDK as its documentation shows it. With JSON made ready by somebody else it is a row of its own. */
function sdk(rows, kilobytes) {
  return find(rows, 'role', kilobytes, 'sdk').p50;
}
