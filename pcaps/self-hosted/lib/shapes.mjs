// Shapes that many servers share, for products.mjs and more_products.mjs.
export const chat = (model, more = {}) => (asked) => asked.stream ? {
  sse: ['A ', 'quiet ', 'room.'].map((text, i) => `data: ${JSON.stringify({id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices: [{index: 0, delta: i ? {content: text} : {role: 'assistant', content: text}, finish_reason: null}]})}\n\n`)
    .concat([`data: ${JSON.stringify({id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices: [], usage: {prompt_tokens: 9, completion_tokens: 3, total_tokens: 12}, ...more})}\n\n`, 'data: [DONE]\n\n']),
} : {json: {id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices: [{index: 0, message: {role: 'assistant', content: 'A quiet room.'}, finish_reason: 'stop'}], usage: {prompt_tokens: 9, completion_tokens: 3, total_tokens: 12}, ...more}};
export const models = (owner, ids, more = {}) => ({json: {object: 'list', data: ids.map((id) => ({id, object: 'model', created: 1, owned_by: owner, ...more}))}});
export const page = (title, rest = '') => ({html: `<!doctype html><html><head><meta charset="utf-8"><title>${title}</title>${rest}</head><body><div id="root"></div></body></html>`, open: true});
export const say = {model: 'm', messages: [{role: 'user', content: 'Describe a quiet room.'}]};
export const uvicorn = {server: 'uvicorn'};
export const metrics = (...names) => ({text: names.map((name) => `# HELP ${name} a number\n# TYPE ${name} gauge\n${name}{model_name="m"} 1.0\n`).join('')});
export const anthropic = (model) => (asked) => asked.stream ? {sse: [
    {type: 'message_start', message: {id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: {input_tokens: 9, output_tokens: 1}}},
    {type: 'content_block_start', index: 0, content_block: {type: 'text', text: ''}}, {type: 'content_block_delta', index: 0, delta: {type: 'text_delta', text: 'A quiet room.'}}, {type: 'content_block_stop', index: 0},
    {type: 'message_delta', delta: {stop_reason: 'end_turn', stop_sequence: null}, usage: {output_tokens: 4}}, {type: 'message_stop'},
  ].map((each) => `event: ${each.type}\ndata: ${JSON.stringify(each)}\n\n`)} : {json: {id: 'msg_1', type: 'message', role: 'assistant', model, content: [{type: 'text', text: 'A quiet room.'}], stop_reason: 'end_turn', stop_sequence: null, usage: {input_tokens: 9, output_tokens: 4}}};
