// The peer in Node: rounds are asked for on standard input, as "single N", "writers N" or "bulk N SIZE"; each is
// answered by its rate in events a second.
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { createInterface } from 'node:readline';

const WRITERS = 8;
const store = getPostgreSQLEventStore(process.argv[2]);
await store.schema.migrate();
const text = 'A simulated note of about the usual length, with what was agreed until the next visit.';
const note = (number) => ({ type: 'NoteAdded', data: { text, number, occurredAt: '2026-06-30T12:00:00Z' } });
let next = 0;
const some = (count) => Array.from({ length: count }, (_, number) => note(number));

const works = {
  single: async (count) => {
    for (let done = 0; done < count; done++) await store.appendToStream(`bench-${next++ % 300}`, [note(done)]);
  },
  writers: async (count) => {
    const one = async (writer) => {
      for (let done = 0; done < count / WRITERS; done++) await store.appendToStream(`w${writer}-${next++}`, [note(done)]);
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => one(writer)));
  },
  bulk: async (count, size) => {
    for (let done = 0; done < count; done += size) await store.appendToStream(`bulk-${next++}`, some(size));
  },
};

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [name, count, size] = line.split(' ');
  const began = performance.now();
  await works[name](Number(count), Number(size ?? 1));
  console.log((Number(count) * 1000) / (performance.now() - began));
}
await store.close();
