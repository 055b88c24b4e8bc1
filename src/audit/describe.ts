import type {
  AuditEvent,
  AuditRecord,
  DecisionDifference,
  Reason,
  Revision,
  RevocationMatch,
} from '../domain/index.js';

/** Longest that one value may be on a line, in UTF-16 code units. */
const VALUE_LIMIT = 200;
/** What may stand on a line unquoted: nothing a reader could take for the end of a value. */
const PLAIN = /^[\w./:@|+-]+$/;
/** Controls, line breaks and marks that turn the direction of text. JSON escapes but a few of them. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * One line for the terminal: when, what, and what is known of it as `word=value`.
 *
 * Names, methods and messages come from callers and servers. They are quoted where they are more than one plain
 * word and hold no unprintable character, so none can forge a field, a line or a terminal command.
 */
export function describeEvent(record: AuditRecord): string {
  const { headline, fields } = portray(record.event);
  const words = fields.flatMap(([word, value]) =>
    value === undefined ? [] : [`${word}=${printable(value)}`],
  );
  return [record.sequence, record.time, headline, ...words].join(' ');
}

interface Portrait {
  readonly headline: string;
  readonly fields: readonly (readonly [word: string, value: string | number | undefined])[];
}

function portray(event: AuditEvent): Portrait {
  switch (event.type) {
    case 'decision':
      return {
        headline: `decision ${event.effect}`,
        fields: [
          ...caller(event),
          ['kind', `${event.kind} ${event.direction}`],
          ['method', event.method],
          ['tool', event.tool],
          ...event.reasons.map((reason) => ['reason', wordReason(reason)] as const),
          ['masked', event.masked.reduce((sum, { count }) => sum + count, 0) || undefined],
          ['restored', event.restored?.reduce((sum, { count }) => sum + count, 0)],
          ['output schema', event.output_schema],
          ['approval', event.approval_id],
          ['revision', wordRevision(event.revision)],
          ['decision', event.decision_id],
        ],
      };
    case 'refusal':
      return {
        headline: `refusal ${printable(event.code)}`,
        fields: [
          ...caller(event),
          ['method', event.method],
          ['tool', event.tool],
          ['http', event.http_status],
          ['error', event.error_code],
          ['reason', event.message],
          ['decision', event.decision_id],
        ],
      };
    case 'session':
      return {
        headline: `session ${event.action}`,
        fields: [...caller(event), ['session', event.session_id]],
      };
    case 'stray':
      return {
        headline: `stray ${event.outcome}`,
        fields: [
          ['upstream', event.upstream],
          ['kind', event.kind],
          ['method', event.method],
        ],
      };
    case 'suspicious_tools':
      return {
        headline: 'suspicious tools',
        fields: [
          ...caller(event),
          ...event.tools.map(
            ({ name, suspicions }) => ['tool', `${name}: ${suspicions.join(', ')}`] as const,
          ),
          ['more', event.more || undefined],
        ],
      };
    case 'approval':
      return {
        headline: `approval ${event.action}${event.breaks_glass ? ', breaking the glass' : ''}`,
        fields: [
          ['by', event.actor],
          ['approval', event.approval_id],
          ['narrowed', event.narrowed_digest],
          ['note', event.note],
        ],
      };
    case 'activation':
      return {
        headline: `activation ${event.outcome}`,
        fields: [
          ['bundle', event.bundle],
          ['revision', event.revision && wordRevision(event.revision)],
          ['code', event.code],
          ['reason', event.message],
        ],
      };
    case 'shadow':
      return {
        headline: `shadow ${event.failure === undefined ? 'different' : 'failed'}`,
        fields: [
          ...caller(event),
          ['kind', `${event.kind} ${event.direction}`],
          ['method', event.method],
          ['tool', event.tool],
          ['effect', effects(event.difference)],
          ...(event.difference?.reasons?.added ?? []).map((reason) => ['added', wordReason(reason)] as const),
          ...(event.difference?.reasons?.removed ?? []).map(
            (reason) => ['removed', wordReason(reason)] as const,
          ),
          ['failure', event.failure],
          ['shadow', wordRevision(event.shadow_revision)],
          ['decision', event.decision_id],
        ],
      };
    case 'shadow_count':
      return {
        headline: 'shadow count',
        fields: [
          ['shadow', wordRevision(event.shadow_revision)],
          ['compared', event.compared],
          ['different', event.different],
          ['failed', event.failed],
          ['skipped', event.skipped],
        ],
      };
    case 'revocation':
      return {
        headline: `revocation ${event.action}`,
        fields: [
          ['by', event.actor],
          ['source', event.source],
          ...Object.entries(event.match).map(([name, value]) => [name, wordMatch(value)] as const),
          ['reason', event.reason],
          ['exchanges', event.ended?.exchanges],
          ['approvals', event.ended?.approvals],
          ['revocation', event.revocation_id],
        ],
      };
    case 'lifecycle':
      return { headline: `gateway ${event.action}`, fields: [] };
  }
}

function caller(event: { principal?: { id: string }; upstream?: string }): Portrait['fields'] {
  return [
    ['by', event.principal?.id],
    ['upstream', event.upstream],
  ];
}

function effects(difference: DecisionDifference | undefined): string | undefined {
  const effect = difference?.effect;
  return effect === undefined ? undefined : `${effect.before}->${effect.after}`;
}

function wordMatch(value: RevocationMatch[keyof RevocationMatch]): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function wordReason({ policy, code, message }: Reason): string {
  return `${policy}/${code}: ${message}`;
}

function wordRevision({ bundle, revision }: Revision): string {
  return `${bundle}@${revision}`;
}

/** A value as one word of a line, quoted where it is more than that; what a terminal would obey is escaped. */
export function printable(value: string | number): string {
  const whole = String(value);
  const text = whole.length > VALUE_LIMIT ? `${whole.slice(0, VALUE_LIMIT)}…` : whole;
  return PLAIN.test(text) ? text : JSON.stringify(text).replaceAll(UNPRINTABLE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
