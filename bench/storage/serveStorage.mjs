// The object storage of the benchmark, in a process of its own: it prints how to reach it, and ends with its standard input.
import process from 'node:process';
import { startObjectStorage } from '../../sandbox/objectStorage.ts';

const [directory, ...buckets] = process.argv.slice(2);
const storage = await startObjectStorage({ directory, buckets });
const { endpoint, region, accessKeyId, secretAccessKey } = storage;
console.log(JSON.stringify({ endpoint, region, accessKeyId, secretAccessKey }));
process.stdin.resume();
await new Promise((resolve) => process.stdin.once('end', resolve));
await storage.stop();
