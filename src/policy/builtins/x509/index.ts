import type { BuiltinTable } from '../builtin.js';
import { X509_PARSING } from './parse.js';
import { X509_VERIFICATION } from './verify.js';

/** Certificates, requests for them, and private keys. */
export const X509 = { ...X509_PARSING, ...X509_VERIFICATION } satisfies BuiltinTable;
