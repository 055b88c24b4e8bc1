/**
 * The built-in functions whose result follows from more than their operands: from the clock, or from chance. What a
 * policy that calls one decides cannot be remembered. Those that check a token's or a certificate's validity look at
 * the clock where the policy names no time.
 */
export const VOLATILE_BUILTINS: ReadonlySet<string> = new Set([
  'crypto.x509.parse_and_verify_certificates',
  'crypto.x509.parse_and_verify_certificates_with_options',
  'io.jwt.decode_verify',
  'io.jwt.encode_sign',
  'io.jwt.encode_sign_raw',
  'rand.intn',
  'time.now_ns',
  'uuid.rfc4122',
]);
