// A streamed chat by the vendor's own package.
const {Ollama} = require('ollama');

(async () => {
  const client = new Ollama({host: process.argv[2]});
  const stream = await client.chat({
    model: 'llama3.2:1b', stream: true, messages: [{role: 'user', content: 'Please describe a quiet room.'}],
  });
  let pieces = 0;
  for await (const part of stream) pieces += part.message.content.length > 0;
  if (pieces < 10) throw new Error(`only ${pieces} pieces`);
})();
