/** What a key may be used for, by identifier, as Go counts it. Source: RFC 5280, section 4.2.1.12 */
export const EXTENDED_KEY_USAGES: ReadonlyMap<string, number> = new Map(
  [
    '2.5.29.37.0',
    '1.3.6.1.5.5.7.3.1',
    '1.3.6.1.5.5.7.3.2',
    '1.3.6.1.5.5.7.3.3',
    '1.3.6.1.5.5.7.3.4',
    '1.3.6.1.5.5.7.3.5',
    '1.3.6.1.5.5.7.3.6',
    '1.3.6.1.5.5.7.3.7',
    '1.3.6.1.5.5.7.3.8',
    '1.3.6.1.5.5.7.3.9',
    '1.3.6.1.4.1.311.10.3.3',
    '2.16.840.1.113730.4.1',
    '1.3.6.1.4.1.311.2.1.22',
    '1.3.6.1.4.1.311.61.1.1',
  ].map((oid, number) => [oid, number]),
);

export const ANY_USAGE = 0;
export const SERVER_USAGE = 1;

/** What OPA calls them. */
export const USAGE_NAMES: ReadonlyMap<string, number> = new Map(
  [
    'KeyUsageAny',
    'KeyUsageServerAuth',
    'KeyUsageClientAuth',
    'KeyUsageCodeSigning',
    'KeyUsageEmailProtection',
    'KeyUsageIPSECEndSystem',
    'KeyUsageIPSECTunnel',
    'KeyUsageIPSECUser',
    'KeyUsageTimeStamping',
    'KeyUsageOCSPSigning',
    'KeyUsageMicrosoftServerGatedCrypto',
    'KeyUsageNetscapeServerGatedCrypto',
    'KeyUsageMicrosoftCommercialCodeSigning',
    'KeyUsageMicrosoftKernelCodeSigning',
  ].map((name, number) => [name, number]),
);
