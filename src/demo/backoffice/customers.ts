/** Nobody: invented people, reserved mail domains (RFC 2606) and the card numbers that payment networks keep for tests. */
export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly card: string;
  readonly city: string;
  readonly internal_notes?: string;
}

export const CUSTOMERS: readonly Customer[] = [
  {
    id: 'c-1001',
    name: 'Ada Lindqvist',
    email: 'ada.lindqvist@example.com',
    card: '4111 1111 1111 1111',
    city: 'Uppsala',
    internal_notes: 'Prefers mail; do not call.',
  },
  {
    id: 'c-1002',
    name: 'Bruno Ferreira',
    email: 'bruno@example.org',
    card: '5555555555554444',
    city: 'Porto',
  },
  {
    id: 'c-1003',
    name: 'Chiara Bellandi',
    email: 'chiara.b@example.net',
    card: '3782 822463 10005',
    city: 'Lucca',
    internal_notes: 'Chargeback in March, settled.',
  },
  {
    id: 'c-1004',
    name: 'Dmitri Adler',
    email: 'd.adler@example.com',
    card: '6011-1111-1111-1117',
    city: 'Graz',
  },
  {
    id: 'c-1005',
    name: 'Esi Adomako',
    email: 'esi@example.org',
    card: '4012888888881881',
    city: 'Kumasi',
  },
];

/** Customers in whose name, mail address, city or id the words stand; letter case does not matter. */
export function findCustomers(query: string): readonly Customer[] {
  const words = query.trim().toLowerCase();
  return CUSTOMERS.filter(({ id, name, email, city }) =>
    [id, name, email, city].some((field) => field.toLowerCase().includes(words)),
  );
}
