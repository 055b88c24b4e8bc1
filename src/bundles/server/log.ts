/** Where the server writes what it did; a winston logger fits. */
export interface BundleServerLog {
  info(message: string, details: object): unknown;
  error(message: string, details: object): unknown;
}
