/** Puts what was measured into words. */

const RECALL = 0.99;
const PRECISION = 0.98;
const EXAMPLES = 3;

/** @returns {{ text: string, reached: boolean }} */
export function reportOf({ detectors, speed, memory }) {
  const below = detectors.filter(
    ({ hasChecksum, recall, precision }) => recall < RECALL || (hasChecksum && precision < PRECISION),
  );
  const lines = [
    row('detector', 'recall', 'precision', 'check digits'),
    ...detectors.map(({ name, recall, precision, hasChecksum }) =>
      row(name, recall.toFixed(3), precision.toFixed(3), hasChecksum ? 'yes' : 'no'),
    ),
    ...below.flatMap(({ name, missed, wrong }) => [
      ...missed.slice(0, EXAMPLES).map((text) => `  ${name} misses ${text}`),
      ...wrong.slice(0, EXAMPLES).map((text) => `  ${name} takes ${text}`),
    ]),
  ];
  if (speed.length > 0) {
    lines.push('', row('MB a second', 'find', 'mask'));
    lines.push(...speed.map(({ what, find, mask }) => row(what, find.toFixed(1), mask.toFixed(1))));
  }
  if (memory !== undefined) {
    const times = `${(memory.used / memory.size).toFixed(1)} times`;
    lines.push(
      '',
      `an answer of ${memory.size} MB takes ${memory.used.toFixed(0)} MB at most, ${times} its size`,
    );
  }
  const targets = `recall of at least ${RECALL}, and where there are check digits precision of at least ${PRECISION}`;
  lines.push('', `${below.length === 0 ? 'reached' : 'MISSED '} ${targets}`, '');
  return { text: lines.join('\n'), reached: below.length === 0 };
}

function row(name, ...cells) {
  return `${name.padEnd(22)}${cells.map((cell) => cell.padStart(14)).join('')}`;
}
