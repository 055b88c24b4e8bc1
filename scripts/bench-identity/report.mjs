/** Puts what was measured into words. */

const TARGET = { what: 'a known token, µs', most: 5 };

/**
 * @param {import('./measure.mjs').Row[]} rows
 * @returns {{ text: string, reached: boolean }}
 */
export function reportOf(rows) {
  const known = rows.find(({ what }) => what === 'known').p50;
  const reached = known <= TARGET.most;
  const lines = [
    line('token', 'p50 µs', 'p99 µs', 'CPU µs'),
    ...rows.map(({ what, p50, p99, cpu }) => line(what, rounded(p50), rounded(p99), rounded(cpu))),
    '',
    `${reached ? 'reached' : 'MISSED '} ${TARGET.what}: ${rounded(known)} (at most ${TARGET.most})`,
    '',
  ];
  return { text: lines.join('\n'), reached };
}

function line(what, ...cells) {
  return `${what.padEnd(16)}${cells.map((cell) => cell.padStart(10)).join('')}`;
}

function rounded(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
