/**
 * The built-in functions that OPA leaves to its host and this host has: all others OPA compiles into the WebAssembly,
 * or a bundle that calls them is refused when it is activated.
 *
 * The SDK's own table also holds `regex.split`, on JavaScript's backtracking regular expressions, with which one
 * short string can stop a worker: it is left out on purpose.
 */
export const HOST_BUILTINS: ReadonlySet<string> = new Set([
  'json.is_valid',
  'sprintf',
  'yaml.is_valid',
  'yaml.marshal',
  'yaml.unmarshal',
]);
