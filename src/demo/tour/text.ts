import type { Walked } from './walk.js';

const LONGEST_LINE = 220;

/** A step as a person reads it. */
export function described(number: number, { title, sights, milliseconds, problem }: Walked): string {
  const lines = sights.flatMap(({ asked, answered }) => [
    `   asked     ${short(asked)}`,
    `   answered  ${short(answered)}`,
  ]);
  if (problem !== undefined) lines.push(`   FAILED    ${problem}`);
  return `${number}. ${title} (${milliseconds} ms)\n${lines.join('\n')}\n`;
}

/** The tour's text without what differs from run to run, so that the one in docs/tour.md can be held against a real one. */
export function normalized(text: string): string {
  return (
    text
      .replaceAll(/ \(\d+ ms\)$/gm, '')
      .replaceAll(/after \d+ ms/g, 'after … ms')
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:…')
      .replaceAll(/apr_[a-z2-7]{16}/g, 'apr_…')
      .replaceAll(/pay-\d+/g, 'pay-…')
      .replaceAll(/re-[0-9a-f-]{36}/g, 're-…')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-…Z')
      // A revision is the commit where nothing is changed, and else the time.
      .replaceAll(/published starter (?:2026-…Z|[0-9a-f]{40})/g, 'published starter …')
      .replaceAll(/[0-9a-f]{64}/g, '…')
      .replaceAll(/\b\d+ decision ids/g, '… decision ids')
      .replaceAll(/among \d+ events/g, 'among … events')
  );
}

function short(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ⏎ ');
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line;
}
