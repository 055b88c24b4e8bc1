import { lookAlike } from './look-alikes.mjs';
import { seeded } from './random.mjs';

const PROSE =
  'The order was packed in the morning and left the warehouse in the afternoon, as it was agreed with the customer who had asked for it. ';
const PERSONAL =
  '{"first_name":"Alice","card":"4111 1111 1111 1111","ssn":"078-05-1120","mail":"alice@example.com","phone":"+49 30 901820","iban":"DE89370400440532013000","from":"203.0.113.7"}';

/** Messages of about so many million bytes: JSON-RPC answers as servers of tools send them. */
export const MESSAGES = {
  /** Nothing but words. */
  prose: (size) => answer(size, () => ({ note: PROSE })),
  /** Records with numbers, dates and identifiers, and nobody's data. */
  records: (size) => {
    const random = seeded(3);
    return answer(size, (id) => ({ id, state: 'open', item: lookAlike(random), note: PROSE.slice(0, 70) }));
  },
  /** Every record a person, in text. */
  dense: (size) => answer(size, () => ({ text: PERSONAL })),
};

function answer(size, record) {
  const records = [];
  for (let length = 0; length < size * 1e6; ) {
    const text = JSON.stringify(record(records.length));
    records.push(text);
    length += text.length + 1;
  }
  return Buffer.from(
    `{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"records":[${records.join(',')}]}}}`,
  );
}
