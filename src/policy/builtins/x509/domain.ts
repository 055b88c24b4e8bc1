/** A mailbox of RFC 2821. */
export interface Mailbox {
  readonly local: string;
  readonly domain: string;
}

/**
 * Whether a domain may stand in a certificate: visible ASCII in labels none of which but the first of a name is empty.
 * A constraint may begin with a dot; nothing at all is a domain too.
 */
export function isDomain(text: string, use: 'name' | 'constraint'): boolean {
  if (text === '') return true;
  if (!/^[!-~]*$/.test(text) || text.endsWith('.')) return false;
  const labels = (use === 'constraint' && text.startsWith('.') ? text.slice(1) : text).split('.');
  return labels.every((label) => label !== '');
}

/**
 * Reads an address as Go does for name constraints.
 *
 * Source: RFC 2821, section 4.1.2; what RFC 3696 says of backslashes is taken too
 */
export function readMailbox(text: string): Mailbox | undefined {
  const local = text.startsWith('"') ? quotedLocalPart(text) : plainLocalPart(text);
  if (local === undefined || text[local.end] !== '@') return undefined;
  const domain = text.slice(local.end + 1);
  return isMailDomain(domain) ? { local: local.text, domain } : undefined;
}

interface LocalPart {
  readonly text: string;
  readonly end: number;
}

function quotedLocalPart(text: string): LocalPart | undefined {
  let local = '';
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === '"') return { text: local, end: at + 1 };
    const escaped = text[at] === '\\';
    if (escaped) at += 1;
    const character = text.charAt(at);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 2821 allows them here
    const allowed = escaped ? /^[\x01-\x09\x0b\x0c\x0e-\x7f]$/ : /^[\x01-\x08\x0b\x0c\x0e-!#-[\]-\x7f]$/;
    if (!allowed.test(character)) return undefined;
    local += character;
  }
  return undefined;
}

function plainLocalPart(text: string): LocalPart | undefined {
  let local = '';
  let at = 0;
  for (; at < text.length; at += 1) {
    const escaped = text[at] === '\\';
    if (escaped) at += 1;
    const character = text.charAt(at);
    if (character === '') return undefined;
    if (!escaped && !/[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]/.test(character)) break;
    local += character;
  }
  const wellDotted = local !== '' && !local.startsWith('.') && !local.endsWith('.') && !local.includes('..');
  return wellDotted ? { text: local, end: at } : undefined;
}

/** Labels of visible ASCII, the last of which isn't empty. */
function isMailDomain(domain: string): boolean {
  return domain === '' || (/^[!-~]*$/.test(domain) && domain.split('.').every((label) => label !== ''));
}
