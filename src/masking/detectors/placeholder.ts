/** Stands where a secret would, and is none: stars, names of variables, and words about it. */
const PLACEHOLDERS: readonly RegExp[] = [
  /^(?:\*+|\.+|-+|x{3,}|\?+)$/i,
  /^[[<({].*[\])}>]$/,
  /^tok_[a-z0-9_]{1,32}_[a-z2-7]{26}$/, // the gateway's own, useless to anybody else
  /^(?:\$\{?[\w.:-]+\}?|%\w+%|env[.:]\w+|process\.env\.\w+|os\.environ.*|vault:.*)$/,
  /^(?:your|my|the|some|example|sample|changeme|change[-_]me)(?:[-_].*)?$/i,
  /^(?:null|nil|none|undefined|true|false|yes|no|empty|unset|n\/a|string|str|text|password|secret|token|required|optional|missing|invalid|expired|unknown|default|hidden|masked|redacted|encrypted|updated|changed|reset|ok)$/i,
];

/** Whether a text stands where a secret would, and tells none. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDERS.some((placeholder) => placeholder.test(text));
}
