/**
 * Built-in functions that no policy may call in a gateway, and what to do instead. A decision cannot wait for a
 * network, and cannot tell the secrets of the process that makes it.
 */
export const FORBIDDEN_BUILTINS = {
  'http.send': 'publish what it would fetch as data in the bundle, or have the gateway put it into input',
  'net.lookup_ip_addr': 'put the addresses into the bundle as data',
  'opa.runtime': 'put the settings it would read into the bundle as data',
} as const satisfies Record<string, string>;

/** Takes the forbidden functions out of what `opa capabilities --current` printed. Both are JSON texts. */
export function withoutForbidden(capabilities: string): string {
  const current = JSON.parse(capabilities) as { builtins: { name: string }[] };
  const builtins = current.builtins.filter(({ name }) => !Object.hasOwn(FORBIDDEN_BUILTINS, name));
  return JSON.stringify({ ...current, builtins });
}

/** What to do about the forbidden functions that a compiler's message names; undefined when it names none. */
export function adviceFor(compilerMessage: string): string | undefined {
  const advice = Object.entries(FORBIDDEN_BUILTINS)
    .filter(([name]) => compilerMessage.includes(`undefined function ${name}`))
    .map(([name, instead]) => `${name} may not run in a gateway: ${instead}.`);
  return advice.length === 0 ? undefined : advice.join(' ');
}
