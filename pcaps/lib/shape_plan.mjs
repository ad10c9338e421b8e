// Sessions for the evaluation of stream shapes (docs/shadow.md): what each client asks of each host.
// A plan depends on its name and seed alone. Hosts that begin with "s" stream an answer as models do,
// those with "o" do what else the web does; the sensor sees names too, but its measure does not use them.
//
//   node shape_plan.mjs hosts NAME SEED    prints "HOST" lines
//   import {plan} from './shape_plan.mjs'

export function random(seed) {  // mulberry32
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const kForms = ['openai', 'anthropic', 'google', 'raw', 'ndjson', 'openai'];
const kSpeeds = [12, 18, 25, 33, 45, 60, 80, 110, 150, 200];  // milliseconds a token

function answers(count, next) {
  const out = [];
  for (let i = 0; i < count; ++i) {
    const ms = kSpeeds[Math.floor(next() * kSpeeds.length)];
    const batch = next() < 0.3 ? 2 + Math.floor(next() * 7) : 1;
    const tokens = Math.floor((4000 + next() * 8000) / ms);
    out.push({kind: 'answer', turns: 1 + Math.floor(next() * 2.2), gap: 500 + Math.floor(next() * 2500),
              path: `/answer?n=${Math.min(tokens, 400)}&ms=${ms}&jitter=${(0.1 + next() * 0.5).toFixed(2)}&batch=${batch}` +
                    `&form=${kForms[Math.floor(next() * kForms.length)]}&think=${200 + Math.floor(next() * 1500)}`,
              body: 300 + Math.floor(next() * next() * 30000)});
  }
  return out;
}

const kOrdinary = {
  page: (next) => ({kind: 'page', parts: 4 + Math.floor(next() * 14), bytes: 2000 + Math.floor(next() * 60000), turns: 2, gap: 2500}),
  video: (next) => ({kind: 'segments', count: 5, bytes: 90000 + Math.floor(next() * 250000), gap: 2000}),
  download: (next) => ({kind: 'get', path: `/download?bytes=${800000 + Math.floor(next() * 1500000)}`}),
  slow: (next) => ({kind: 'get', path: `/slow?bytes=${200000 + Math.floor(next() * 300000)}&rate=${25000 + Math.floor(next() * 60000)}`}),
  audio: (next) => ({kind: 'get', path: `/audio?kbps=${[64, 96, 128, 192][Math.floor(next() * 4)]}&s=15`}),
  ticker: (next) => ({kind: 'get', path: `/ticker?ms=${[500, 750, 1000, 1500][Math.floor(next() * 4)]}&n=${12 + Math.floor(next() * 8)}`}),
  feed: (next) => ({kind: 'get', path: `/feed?rate=${(1 + next() * 9).toFixed(1)}&s=15`}),
  logs: (next) => ({kind: 'get', path: `/logs?s=14&pause=${600 + Math.floor(next() * 1500)}`}),
  poll: (next) => ({kind: 'poll', count: 6, path: `/poll?wait=${900 + Math.floor(next() * 2000)}`}),
  push: (next) => ({kind: 'get', path: `/ticker?ms=${4000}&n=4`}),
  json: (next) => ({kind: 'requests', count: 25, gap: 120 + Math.floor(next() * 500), path: `/asset?bytes=${200 + Math.floor(next() * 4000)}`}),
  typing: (next) => ({kind: 'requests', count: 40, gap: 90 + Math.floor(next() * 160), path: `/asset?bytes=${120 + Math.floor(next() * 900)}`}),
  upload: (next) => ({kind: 'upload', bytes: 300000 + Math.floor(next() * 900000)}),
  talk: (next) => ({kind: 'talk', count: 18, gap: 200 + Math.floor(next() * 700)}),
  game: (next) => ({kind: 'game', hertz: [10, 15, 20, 30][Math.floor(next() * 4)], seconds: 12}),
  room: (next) => ({kind: 'room', seconds: 14, rate: (1 + next() * 7).toFixed(1)}),
};

const kPlans = {
  'streams-browser': (next) => answers(16, next),
  'streams-quic': (next) => answers(14, next),
  'streams-programs': (next) => answers(20, next),
  'ordinary-browser': (next) => ['page', 'page', 'page', 'video', 'video', 'download', 'slow', 'audio', 'audio', 'ticker', 'feed',
    'feed', 'logs', 'poll', 'json', 'typing', 'upload', 'talk', 'talk', 'game', 'game', 'room', 'room', 'push'].map((kind) => kOrdinary[kind](next)),
  'ordinary-quic': (next) => ['page', 'page', 'page', 'video', 'video', 'download', 'slow', 'audio', 'ticker', 'feed', 'logs', 'poll',
    'json', 'typing', 'upload', 'push'].map((kind) => kOrdinary[kind](next)),
  'ordinary-programs': (next) => ['page', 'video', 'download', 'download', 'slow', 'slow', 'audio', 'ticker', 'feed', 'feed', 'logs',
    'poll', 'json', 'json', 'typing', 'upload'].map((kind) => kOrdinary[kind](next)),
};

export function plan(name, seed) {
  const next = random(seed * 7919 + name.length);
  const letter = name.startsWith('streams') ? 's' : 'o';
  return kPlans[name](next).map((each, i) => ({
    ...each, host: `${letter}${String(i + 1).padStart(2, '0')}-${each.kind}.shapes.example`, delay: Math.floor(next() * 3000)}));
}

if (typeof process !== 'undefined' && process.argv[2] === 'hosts')
  console.log(plan(process.argv[3], Number(process.argv[4])).map((each) => each.host).join('\n'));
