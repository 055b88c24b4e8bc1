import { BuiltinError } from '../builtin.js';
import { type DerReader, TAG } from './der.js';

/** A moment as a certificate says it. */
export interface CertificateTime {
  /** Since 1970. */
  readonly seconds: bigint;
  /** As RFC 3339 writes it, in the time zone that the certificate names. */
  readonly text: string;
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d{4})$/;

/**
 * Reads the time that comes next. Of years written with two digits, 50 to 99 are of the 20th century.
 *
 * Source: RFC 5280, section 4.1.2.5; zones and minutes without seconds are taken as Go takes them
 */
export function readTime(reader: DerReader): CertificateTime {
  const { tag, content } = reader.element();
  const pattern = tag === TAG.utcTime ? UTC_TIME : tag === TAG.generalizedTime ? GENERALIZED_TIME : undefined;
  const match = pattern?.exec(content.toString('latin1'));
  if (!match) throw new BuiltinError('malformed time in a certificate');
  const [, years = '', month = '', day = '', hour = '', minute = '', second = '00', zone = ''] = match;
  const year = years.length === 4 ? years : `${Number(years) < 50 ? '20' : '19'}${years}`;
  const moment = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const milliseconds = Date.parse(`${moment}Z`);
  // Date.parse takes a day that a month doesn't have for one of the next.
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(moment)) {
    throw new BuiltinError('a time that does not exist in a certificate');
  }
  return {
    seconds: BigInt(milliseconds / 1_000 - zoneSeconds(zone)),
    text: `${moment}${zone === 'Z' ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`}`,
  };
}

function zoneSeconds(zone: string): number {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3))];
  if (hours > 23 || minutes > 59 || hours + minutes === 0) throw new BuiltinError('malformed time zone');
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3_600 + minutes * 60);
}
