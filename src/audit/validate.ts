import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { AuditEvent } from '../domain/index.js';
import { invalidEvent } from './errors.js';

const SCHEMA = JSON.parse(
  readFileSync(new URL('../../schemas/audit-event.schema.json', import.meta.url), 'utf8'),
);

/** Made with the first event: most commands record none. */
let ajv: Ajv | undefined;

/**
 * Types do not see what a value holds beside what they name, such as a token's claims: this keeps it out of the audit.
 *
 * @throws {AuditError} `event_invalid`
 */
export function mustFitSchema(event: AuditEvent): void {
  ajv ??= new Ajv().addSchema(SCHEMA);
  const isValid = ajv.getSchema(`${SCHEMA.$id}#/definitions/${event.type}`);
  if (isValid?.(event) !== true) throw invalidEvent(event.type, ajv.errorsText(isValid?.errors));
}
