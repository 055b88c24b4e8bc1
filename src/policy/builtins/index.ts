import type { Builtin, BuiltinTable } from './builtin.js';

/** Functions that belong together and are loaded together, when a policy calls for one of them: most call for none. */
interface Family {
  readonly names: readonly string[];
  readonly load: () => Promise<BuiltinTable>;
}

/** The built-in functions that OPA leaves to its host. */
export const FAMILIES: readonly Family[] = [
  {
    names: ['providers.aws.sign_req'],
    load: async () => (await import('./aws.js')).AWS,
  },
  {
    names: ['cast_array', 'cast_boolean', 'cast_null', 'cast_object', 'cast_set', 'cast_string'],
    load: async () => (await import('./casts.js')).CASTS,
  },
  {
    names: ['internal.print', 'internal.test_case', 'print', 'trace'],
    load: async () => (await import('./diagnostics.js')).DIAGNOSTICS,
  },
  {
    names: [
      'base64url.encode_no_pad',
      'hex.decode',
      'hex.encode',
      'urlquery.decode',
      'urlquery.decode_object',
      'urlquery.encode',
      'urlquery.encode_object',
    ],
    load: async () => (await import('./encodings.js')).ENCODINGS,
  },
  {
    names: ['glob.quote_meta'],
    load: async () => (await import('./glob.js')).GLOB,
  },
  {
    names: ['graph.reachable_paths'],
    load: async () => (await import('./graph.js')).GRAPH,
  },
  {
    names: [
      'graphql.is_valid',
      'graphql.parse',
      'graphql.parse_and_verify',
      'graphql.parse_query',
      'graphql.parse_schema',
      'graphql.schema_is_valid',
    ],
    load: async () => (await import('./graphql/index.js')).GRAPHQL,
  },
  {
    names: [
      'crypto.hmac.equal',
      'crypto.hmac.md5',
      'crypto.hmac.sha1',
      'crypto.hmac.sha256',
      'crypto.hmac.sha512',
      'crypto.md5',
      'crypto.sha1',
      'crypto.sha256',
    ],
    load: async () => (await import('./hashes.js')).HASHES,
  },
  {
    names: ['json.marshal_with_options'],
    load: async () => (await import('./json.js')).JSON_OPTIONS,
  },
  {
    names: ['json.patch'],
    load: async () => (await import('./json-patch.js')).JSON_PATCH,
  },
  {
    names: ['json.match_schema', 'json.verify_schema'],
    load: async () => (await import('./json-schema/index.js')).JSON_SCHEMA,
  },
  {
    names: [
      'io.jwt.decode',
      'io.jwt.decode_verify',
      'io.jwt.encode_sign',
      'io.jwt.encode_sign_raw',
      'io.jwt.verify_eddsa',
      'io.jwt.verify_es256',
      'io.jwt.verify_es384',
      'io.jwt.verify_es512',
      'io.jwt.verify_hs256',
      'io.jwt.verify_hs384',
      'io.jwt.verify_hs512',
      'io.jwt.verify_ps256',
      'io.jwt.verify_ps384',
      'io.jwt.verify_ps512',
      'io.jwt.verify_rs256',
      'io.jwt.verify_rs384',
      'io.jwt.verify_rs512',
    ],
    load: async () => (await import('./jwt/index.js')).JWT,
  },
  {
    names: ['net.cidr_contains_matches', 'net.cidr_expand', 'net.cidr_is_valid', 'net.cidr_merge'],
    load: async () => (await import('./network.js')).NETWORK,
  },
  {
    names: ['numbers.range_step'],
    load: async () => (await import('./numbers.js')).NUMBERS,
  },
  {
    names: ['object.subset'],
    load: async () => (await import('./objects.js')).OBJECTS,
  },
  {
    names: ['rand.intn'],
    load: async () => (await import('./random.js')).RANDOM,
  },
  {
    names: ['regex.find_n', 'regex.globs_match', 'regex.replace', 'regex.split', 'regex.template_match'],
    load: async () => (await import('./regex.js')).REGEX,
  },
  {
    names: ['rego.parse_module'],
    load: async () => (await import('./rego-module/index.js')).REGO_MODULE,
  },
  {
    names: ['semver.compare', 'semver.is_valid'],
    load: async () => (await import('./semver.js')).SEMVER,
  },
  {
    names: ['sprintf'],
    load: async () => (await import('./sprintf.js')).SPRINTF,
  },
  {
    names: [
      'indexof_n',
      'strings.any_prefix_match',
      'strings.any_suffix_match',
      'strings.count',
      'strings.split_n',
    ],
    load: async () => (await import('./strings.js')).STRINGS,
  },
  {
    names: ['strings.render_template'],
    load: async () => (await import('./template.js')).TEMPLATES,
  },
  {
    names: [
      'time.add_date',
      'time.clock',
      'time.date',
      'time.diff',
      'time.format',
      'time.now_ns',
      'time.parse_duration_ns',
      'time.parse_ns',
      'time.parse_rfc3339_ns',
      'time.weekday',
    ],
    load: async () => (await import('./time/index.js')).TIME,
  },
  {
    names: ['units.parse', 'units.parse_bytes'],
    load: async () => (await import('./units.js')).UNITS,
  },
  {
    names: ['uri.is_valid', 'uri.parse'],
    load: async () => (await import('./uri.js')).URI,
  },
  {
    names: ['uuid.parse', 'uuid.rfc4122'],
    load: async () => (await import('./uuid.js')).UUIDS,
  },
  {
    names: [
      'crypto.parse_private_keys',
      'crypto.x509.parse_and_verify_certificates',
      'crypto.x509.parse_and_verify_certificates_with_options',
      'crypto.x509.parse_certificate_request',
      'crypto.x509.parse_certificates',
      'crypto.x509.parse_keypair',
      'crypto.x509.parse_rsa_private_key',
    ],
    load: async () => (await import('./x509/index.js')).X509,
  },
  {
    names: ['yaml.is_valid', 'yaml.marshal', 'yaml.unmarshal'],
    load: async () => (await import('./yaml.js')).YAML,
  },
];

const FAMILY_OF: ReadonlyMap<string, Family> = new Map(
  FAMILIES.flatMap((family) => family.names.map((name) => [name, family])),
);

/** Whether this host has a built-in function. */
export function hasBuiltin(name: string): boolean {
  return FAMILY_OF.has(name);
}

/** Built-in functions by their names; a name that this host does not have is left out. */
export async function loadBuiltins(names: Iterable<string>): Promise<ReadonlyMap<string, Builtin>> {
  const wanted = [...names];
  const families = new Set(wanted.flatMap((name) => FAMILY_OF.get(name) ?? []));
  const tables = await Promise.all([...families].map(load));
  const all = new Map(tables.flatMap((table) => Object.entries(table)));
  return new Map([...all].filter(([name]) => wanted.includes(name)));
}

let lastLoad: Promise<unknown> = Promise.resolve();

/** One after the other: jest cannot link two graphs of modules at once that share some. */
function load(family: Family): Promise<BuiltinTable> {
  const loading = lastLoad.then(() => family.load());
  lastLoad = loading.catch(() => undefined);
  return loading;
}
