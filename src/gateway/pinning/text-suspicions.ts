import type { JsonDocument, JsonNode } from '../../domain/index.js';
import { readable } from '../../masking/index.js';

/** What in a text that models read looks as if it were there to mislead them, or to hide from people. */
export type TextSuspicion =
  | 'invisible_characters'
  | 'direction_override'
  | 'hidden_text'
  | 'addresses_model'
  | 'hides_from_user'
  | 'instruction_markup'
  | 'sensitive_file'
  | 'sends_to_address'
  | 'encoded_blob'
  | 'very_long';

/** Characters of one text from which on nobody reads it. */
const LONGEST_TEXT = 4_000;
/** Of this much of a definition each text is looked at; it is very long anyway. */
const MOST_CHARACTERS = 256 * 1024;
const LONGEST_BLOB = 120;

/** Characters that are drawn as nothing and that no language needs (tags, zero width, fillers, separators). */
const INVISIBLE =
  /[\u{E0000}-\u{E007F}\u200B\u2060-\u2064\uFEFF\u00AD\u180E\u115F\u1160\u3164\uFFA0]|[\u{E0100}-\u{E01EF}]/u;
/** Joiners that scripts and emoji need between their own letters, and nobody between Latin ones. */
const JOINER_IN_ASCII = /[\x20-\x7e][\u200C\u200D][\x20-\x7e]/;
const DIRECTION = /[\u202A-\u202E\u2066-\u2069]/;
/** But for tabs and line ends. */
const CONTROL = /(?![\t\n\r])\p{Cc}/u;
/** So many line ends or spaces in a row push the rest out of sight. */
const GAP = /\n{8}|[ \t]{60}/;

/** By code: what is looked for in a text in lower case, with single spaces and straight apostrophes. */
const PHRASES: Readonly<Partial<Record<TextSuspicion, readonly string[]>>> = {
  addresses_model: [
    'ignore previous',
    'ignore all previous',
    'ignore the previous',
    'ignore prior',
    'ignore all prior',
    'ignore any previous',
    'ignore your instructions',
    'ignore the above',
    'ignore all other',
    'ignore other tools',
    'disregard previous',
    'disregard all',
    'disregard any',
    'disregard the',
    'disregard your',
    'forget previous',
    'forget all previous',
    'forget your instructions',
    'forget everything',
    'override previous',
    'override your',
    'overrides all',
    'system prompt',
    'new instructions',
    'you must always',
    'you are now',
    'as an ai',
    'before using any other tool',
    'before using this tool, read',
    'before using this tool read',
    'before calling any other',
    'before any other tool',
    'instead of any other tool',
    'instead of the other',
    'never use any other',
    'do not use any other tool',
    'must be called first',
    'must call this tool first',
    'always call this tool',
    'always use this tool',
    'when this tool is available',
    'affects the behavior of',
    'otherwise the tool will not work',
    'this tool will not work unless',
    'change all emails',
    'from now on',
    'without asking',
    'do not ask the user',
    "don't ask the user",
    'jailbreak',
    'developer mode',
  ],
  hides_from_user: [
    'do not tell the user',
    "don't tell the user",
    'do not tell the human',
    'not tell user',
    'do not inform the user',
    "don't inform the user",
    'do not mention',
    "don't mention",
    'never mention',
    'do not reveal',
    'do not notify the user',
    'without telling the user',
    'without informing the user',
    "without the user's knowledge",
    'without mentioning',
    'do not show the user',
    'do not show this to',
    'do not let the user',
    'hide this from',
    'keep this secret',
    'keep this hidden',
    'user must not know',
    'user should not know',
    'user does not need to know',
    'not visible to the user',
    'secretly',
    'silently send',
    'silently read',
    'silently forward',
    'do not explain to the user',
  ],
  instruction_markup: [
    '<important',
    '</important',
    '<system',
    '</system',
    '<instruction',
    '<secret',
    '<hidden',
    '<admin',
    '<assistant',
    '<critical',
    '<|im_start',
    '<|system',
    '[system]',
    '[inst]',
    '[important]',
    '<<sys>>',
    '### system',
    '### instruction',
    '<!--',
  ],
  sensitive_file: [
    '~/.ssh',
    '.ssh/id_',
    'id_rsa',
    'id_ed25519',
    '~/.aws',
    '.aws/credentials',
    '/etc/passwd',
    '/etc/shadow',
    '.cursor/mcp.json',
    'mcp.json',
    'claude_desktop_config',
    '.git-credentials',
    '.netrc',
    '.npmrc',
    '~/.kube',
    '.kube/config',
    '.bash_history',
    'wallet.dat',
    '.gnupg',
    'contents of .env',
    'the .env file',
    'read .env',
    'pass all environment variables',
    'include all environment variables',
    'send all environment variables',
  ],
};

const ADDRESS = /https?:\/\/|ftp:\/\/|data:[a-z]{1,20}\/|javascript:|webhook/;
const SENDING = /\b(?:send|sends|post|upload|forward|transmit|submit|exfiltrate|curl|wget|report)\b/;
const RAW_ADDRESS = /https?:\/\/\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/;
/** Members whose values are addresses by their meaning, which no model follows. */
const ADDRESS_MEMBERS: ReadonlySet<string> = new Set(['$schema', '$id', '$ref', 'src', 'icons', '_meta']);

/**
 * What is suspicious in the texts of a tool's definition, or of a server's instructions: codes, sorted, each once. It takes
 * time in proportion to the text, whatever stands in it. It says nothing for certain, in either direction.
 */
export function textSuspicions(document: JsonDocument, root: JsonNode): readonly TextSuspicion[] {
  const found = new Set<TextSuspicion>();
  let room = MOST_CHARACTERS;
  for (const text of textsIn(document, root)) {
    for (const code of suspicionsIn(text.slice(0, room))) found.add(code);
    room -= text.length;
    if (room > 0) continue;
    found.add('very_long');
    break;
  }
  return [...found].sort();
}

/** All strings of a value, names of members included; its own stack, so that nesting cannot overflow the other. */
function* textsIn(document: JsonDocument, root: JsonNode): Generator<string> {
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (document.kind(node) === 'string') yield document.string(node);
    for (const element of document.elements(node)) stack.push(element);
    for (const [key, value] of document.members(node)) {
      const name = document.string(key);
      yield name;
      if (!ADDRESS_MEMBERS.has(name)) stack.push(value);
    }
  }
}

function suspicionsIn(text: string): TextSuspicion[] {
  const found: TextSuspicion[] = [];
  if (text.length > LONGEST_TEXT) found.push('very_long');
  if (INVISIBLE.test(text) || JOINER_IN_ASCII.test(text) || CONTROL.test(text))
    found.push('invisible_characters');
  if (DIRECTION.test(text)) found.push('direction_override');
  if (GAP.test(text.replaceAll('\r', ''))) found.push('hidden_text');
  if (hasBlob(text)) found.push('encoded_blob');
  const plain = readable(text)
    .text.toLowerCase()
    .replace(/\s/g, ' ')
    .replace(/ {2,}/g, ' ')
    .replaceAll('’', "'");
  for (const [code, phrases] of Object.entries(PHRASES) as [TextSuspicion, readonly string[]][])
    if (phrases.some((phrase) => plain.includes(phrase))) found.push(code);
  if (RAW_ADDRESS.test(plain) || (ADDRESS.test(plain) && SENDING.test(plain))) found.push('sends_to_address');
  return found;
}

/** A run of letters and digits, as base64 and hex are, that is too long for a word. */
function hasBlob(text: string): boolean {
  let run = 0;
  for (let at = 0; at < text.length; at += 1) {
    run = isBlobUnit(text.charCodeAt(at)) ? run + 1 : 0;
    if (run >= LONGEST_BLOB) return true;
  }
  return false;
}

function isBlobUnit(unit: number): boolean {
  const letter = unit | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) || (unit >= 0x2f && unit <= 0x39) || unit === 0x2b || unit === 0x3d
  );
}
