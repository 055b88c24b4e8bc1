import type {
  BundleDifference,
  DataChange,
  FileChange,
  ManifestChange,
  RuleChange,
} from '../bundles/index.js';
import { visible } from './print.js';

/** Of more, nobody reads the rest. */
const MOST_LINES = 100;
const SIGNS = { added: '+', removed: '-', changed: '~', unknown: '?' } as const satisfies Record<
  RuleChange['change'],
  string
>;

/** How two bundles differ, for a person. Text of others' making cannot steer the terminal. */
export function describeDifference({ manifest, files, rules, data }: BundleDifference): string {
  const sections = [
    section('Manifest', manifest.map(manifestLine)),
    section('Files', files.map(fileLine)),
    rules.compared
      ? section('Rules', rules.changes.map(ruleLine))
      : section('Rules', [`cannot be compared: ${rules.why}`]),
    section('Data', data.map(dataLine)),
  ].filter((text) => text !== '');
  return sections.length === 0 ? 'The bundles hold the same.' : sections.join('\n\n');
}

function section(heading: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const shown = lines.slice(0, MOST_LINES).map((line) => `  ${visible(line)}`);
  const more = lines.length > MOST_LINES ? [`  and ${lines.length - MOST_LINES} more; --json shows all`] : [];
  return [heading, ...shown, ...more].join('\n');
}

function manifestLine({ member, before, after }: ManifestChange): string {
  if (before === undefined) return `+ ${member}: ${after}`;
  return after === undefined ? `- ${member}: ${before}` : `~ ${member}: ${before} → ${after}`;
}

function ruleLine({ rule, change }: RuleChange): string {
  return `${SIGNS[change]} ${rule}${change === 'unknown' ? ' (an entrypoint, which is in the WebAssembly only)' : ''}`;
}

function fileLine({ name, before, after }: FileChange): string {
  if (before === undefined) return `+ ${name} (${after} bytes)`;
  if (after === undefined) return `- ${name} (${before} bytes)`;
  return `~ ${name} (${before} → ${after} bytes)`;
}

function dataLine({ path, before, after }: DataChange): string {
  if (before === undefined) return `+ ${path}${after === '…' ? '' : ` ${after}`}`;
  if (after === undefined) return `- ${path}${before === '…' ? '' : ` ${before}`}`;
  return before === after ? `~ ${path}` : `~ ${path} ${before} → ${after}`;
}
