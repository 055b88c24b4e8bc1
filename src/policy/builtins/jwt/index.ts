import type { BuiltinTable } from '../builtin.js';
import { decode } from './decode.js';
import { decodeAndVerify } from './decode-verify.js';
import { encodeAndSign, encodeAndSignRaw } from './sign.js';
import { secretVerifier, verifier } from './verify.js';

/** JSON Web Tokens. Source: RFC 7519, https://www.openpolicyagent.org/docs/policy-reference/builtins/tokens */
export const JWT = {
  'io.jwt.decode': decode,
  'io.jwt.decode_verify': decodeAndVerify,
  'io.jwt.encode_sign': encodeAndSign,
  'io.jwt.encode_sign_raw': encodeAndSignRaw,
  'io.jwt.verify_rs256': verifier({ kind: 'rsa', hash: 'sha256', padding: 'pkcs1' }),
  'io.jwt.verify_rs384': verifier({ kind: 'rsa', hash: 'sha384', padding: 'pkcs1' }),
  'io.jwt.verify_rs512': verifier({ kind: 'rsa', hash: 'sha512', padding: 'pkcs1' }),
  'io.jwt.verify_ps256': verifier({ kind: 'rsa', hash: 'sha256', padding: 'pss' }),
  'io.jwt.verify_ps384': verifier({ kind: 'rsa', hash: 'sha384', padding: 'pss' }),
  'io.jwt.verify_ps512': verifier({ kind: 'rsa', hash: 'sha512', padding: 'pss' }),
  'io.jwt.verify_es256': verifier({ kind: 'ec', hash: 'sha256' }),
  'io.jwt.verify_es384': verifier({ kind: 'ec', hash: 'sha384' }),
  'io.jwt.verify_es512': verifier({ kind: 'ec', hash: 'sha512' }),
  'io.jwt.verify_hs256': secretVerifier('sha256'),
  'io.jwt.verify_hs384': secretVerifier('sha384'),
  'io.jwt.verify_hs512': secretVerifier('sha512'),
  'io.jwt.verify_eddsa': verifier({ kind: 'ed25519' }),
} satisfies BuiltinTable;
