/** Beyond this it is no label. */
const MAX_LABEL = 128;

/** The words of a member's name, in lower case: `clientSecret`, `client-secret` and `CLIENT_SECRET` have the same two. */
export function labelWords(label: string): string[] {
  return label
    .slice(-MAX_LABEL)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
