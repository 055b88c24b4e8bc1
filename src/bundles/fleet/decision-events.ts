import { malformed } from './error.js';
import { parseJson } from './report.js';

/** Bounds what the stamps add to an upload; OPA's own events are far longer than one in this many. */
const MOST_EVENTS = 100_000;

/** Who sent an event, and when it came. */
export interface Receipt {
  readonly principal: string;
  /** RFC 3339, UTC. */
  readonly received_at: string;
}

/**
 * Reads an upload of OPA's decision log, a JSON array of events, and makes a line of each: the event as it was sent,
 * digit for digit, with a last member `regate` that holds the receipt.
 *
 * @throws ReportError `report_malformed`
 */
export function decisionLines(upload: Buffer, receipt: Receipt): string[] {
  const events = parseJson(upload);
  if (!Array.isArray(events)) throw malformed('an upload of decisions is an array');
  if (events.length > MOST_EVENTS) throw malformed(`it holds more than ${MOST_EVENTS} decisions`);
  const isForeign = (event: unknown) =>
    typeof event !== 'object' || event === null || Array.isArray(event) || Object.hasOwn(event, 'regate');
  if (events.some(isForeign)) throw malformed('each decision is an object, without a member `regate`');
  const stamp = `"regate":${JSON.stringify(receipt)}}`;
  return objectsOf(upload.toString('utf8')).map((text) => {
    // Between tokens a line's end is white space; within a string none can stand.
    const open = text
      .slice(0, -1)
      .replace(/[\r\n]/g, ' ')
      .trimEnd();
    return `${open}${open === '{' ? '' : ','}${stamp}`;
  });
}

/** The texts of the objects in an array, given JSON that was found to be an array of objects. */
function objectsOf(array: string): string[] {
  const objects: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < array.length; at += 1) {
    const character = array[at];
    if (character === '"') {
      at = endOfString(array, at);
    } else if (character === '{' || character === '[') {
      depth += 1;
      if (depth === 2) start = at;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 1) objects.push(array.slice(start, at + 1));
    }
  }
  return objects;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}
