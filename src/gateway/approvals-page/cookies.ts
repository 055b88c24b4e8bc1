import type { Request, Response } from 'express';

/** A cookie of the page's, as its name and attributes depend on how browsers reach the gateway. */
export interface PageCookie {
  /** Its value, where the request has exactly one of it. */
  read(request: Request): string | undefined;
  set(response: Response, value: string, maxAgeMilliseconds: number): void;
  clear(response: Response): void;
}

/**
 * Over https the name begins with `__Host-`: browsers then take it from this very host only, and over https only
 * (RFC 6265bis, section 4.1.3.2), so no neighbour can plant one.
 *
 * @param publicUrl where browsers reach the gateway
 */
export function pageCookie(name: string, publicUrl: string, sameSite: 'strict' | 'lax'): PageCookie {
  const secure = publicUrl.startsWith('https:');
  const fullName = secure ? `__Host-${name}` : name;
  const attributes = { httpOnly: true, secure, sameSite, path: '/' };
  return {
    read(request) {
      const values = (request.headers.cookie ?? '')
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${fullName}=`))
        .map((pair) => pair.slice(fullName.length + 1));
      return values.length === 1 ? values[0] : undefined;
    },
    set: (response, value, maxAge) => void response.cookie(fullName, value, { ...attributes, maxAge }),
    clear: (response) => void response.clearCookie(fullName, attributes),
  };
}
