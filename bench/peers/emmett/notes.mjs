// The same work on emmett over Postgres: a line "commands clients" in, commands per second out.
import { createInterface } from 'node:readline';
import { CommandHandler } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const STREAMS = 100;
const TITLE = 'A wooden train with twelve carriages, two bridges and a station, one wheel repaired. '.repeat(2);

const store = getPostgreSQLEventStore(process.env.BENCH_DATABASE_URL);
const handle = CommandHandler({
  initialState: () => ({ totalMinor: 0, count: 0 }),
  evolve: (state, { data }) => ({ totalMinor: state.totalMinor + data.amountMinor, count: state.count + 1 }),
});

let run = 0;

async function client(number, clients, commands, prefix) {
  // Each client has streams of its own: two clients on one stream would only fail and try again.
  const mine = [];
  for (let stream = number; stream < STREAMS; stream += clients) mine.push(`note-${prefix}-${stream}`);
  for (let turn = 0; turn < commands; turn += 1) {
    const reference = `reference ${String(turn).padStart(12, '0')}`;
    await handle(store, mine[turn % mine.length], (state) => ({
      type: 'Noted',
      data: {
        title: TITLE,
        reference,
        amountMinor: 1250,
        totalMinor: state.totalMinor + 1250,
        count: state.count + 1,
      },
    }));
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [commands, clients] = line.split(' ').map(Number);
  // New streams each round: emmett reads a stream whole for every command, and long ones would not be its fault.
  run += 1;
  const each = Math.floor(commands / clients);
  const started = performance.now();
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number, clients, each, run)));
  console.log((each * clients) / ((performance.now() - started) / 1000));
}
await store.close();
