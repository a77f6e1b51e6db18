// What comes before each program: nothing but this machine answers, and what was wanted elsewhere is told.
import { readFileSync } from 'node:fs';

const elsewhere = [];
const wide = globalThis.fetch;
globalThis.fetch = async (wanted, options) => {
  const address = new URL(wanted.url ?? wanted);
  if (address.hostname !== 'localhost') {
    elsewhere.push(address.href);
    throw new Error(`not of this machine: ${address.href}`);
  }
  return wide(wanted, options);
};
const given = JSON.parse(readFileSync(0, 'utf8'));
const tell = (found) => process.stdout.write(`\n${JSON.stringify({ ...found, elsewhere })}\n`);
