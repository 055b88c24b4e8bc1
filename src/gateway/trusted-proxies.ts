import ipaddr from 'ipaddr.js';

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The addresses whose word about a caller's certificate is believed. */
export interface TrustedProxies {
  /** Whether there are any. */
  readonly some: boolean;
  /** @param address - as a socket names its peer; undefined where it has none */
  include(address: string | undefined): boolean;
}

/**
 * @param texts - IP addresses and networks such as `10.0.0.0/8`. IPv4 addresses that stand in IPv6 ones (RFC 4291, section
 *   2.5.5.2), as a socket that listens on both has them, count as IPv4
 * @throws Error where one is neither
 */
export function trustedProxies(texts: readonly string[]): TrustedProxies {
  const networks = texts.map(networkOf);
  return {
    some: networks.length > 0,
    include(address) {
      if (networks.length === 0 || address === undefined || !ipaddr.isValid(address)) return false;
      const peer = ipaddr.process(address);
      return networks.some((network) => contains(network, peer));
    },
  };
}

function networkOf(text: string): Network {
  const [address, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : wholeAddress(text);
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? [address.toIPv4Address(), bits - 96] : [address, bits];
}

function wholeAddress(text: string): Network {
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function contains([network, bits]: Network, peer: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (network instanceof ipaddr.IPv4) return peer instanceof ipaddr.IPv4 && peer.match(network, bits);
  return peer instanceof ipaddr.IPv6 && peer.match(network, bits);
}
