/** An element as it is written; text between elements is kept, joined. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const TAG = /^<([A-Za-z-]+)((?: [A-Za-z-]+="[^"<]*")*)(\/?)>/;

/** Reads the part of XML 1.0 that reports use, strictly: what is not well-formed throws. */
export function readXml(document: string): Element {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!document.startsWith(declaration)) throw new SyntaxError('there is no declaration');
  const { element, rest } = readElement(document.slice(declaration.length));
  if (rest.trim() !== '') throw new SyntaxError(`something follows the root: ${rest.slice(0, 80)}`);
  return element;
}

function readElement(input: string): { element: Element; rest: string } {
  const [tag, name = '', written = '', empty] = TAG.exec(input) ?? [];
  if (tag === undefined) throw new SyntaxError(`no element begins here: ${input.slice(0, 80)}`);
  const attributes = Object.fromEntries(
    [...written.matchAll(/ ([A-Za-z-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
      key,
      characters(value),
    ]),
  );
  let rest = input.slice(tag.length);
  const children: Element[] = [];
  let text = '';
  while (empty === '' && !rest.startsWith('</')) {
    const [run = ''] = /^[^<]*/.exec(rest) ?? [];
    text += characters(run);
    rest = rest.slice(run.length);
    if (rest.startsWith('</')) break;
    const child = readElement(rest);
    children.push(child.element);
    rest = child.rest;
  }
  if (empty === '') {
    if (!rest.startsWith(`</${name}>`)) throw new SyntaxError(`${name} does not end: ${rest.slice(0, 80)}`);
    rest = rest.slice(name.length + 3);
  }
  return { element: { name, attributes, children, text }, rest };
}

function characters(text: string): string {
  const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
  if (forbidden)
    throw new SyntaxError(`U+${text.charCodeAt(forbidden.index).toString(16)} may not stand in XML`);
  return text.replace(/&([^;]*);?|[>]/g, (entity, name: string | undefined) => {
    const number = /^#(\d+)$/.exec(name ?? '')?.[1];
    const character = number === undefined ? CHARACTERS[name ?? ''] : String.fromCodePoint(Number(number));
    if (character === undefined) throw new SyntaxError(`${entity} is not escaped`);
    return character;
  });
}
