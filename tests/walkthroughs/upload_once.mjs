// Uploads one file with tus-js-client as published: URL TOKEN REVIEW FILE STORAGE [leave after this many chunks]
import fs from "node:fs";
import { createRequire } from "node:module";

const [endpoint, token, review, path, storage, leaveAfter] = process.argv.slice(2);
const tus = createRequire(`${process.env.MODULES}/`)("tus-js-client");
let chunks = 0;
const upload = new tus.Upload(fs.createReadStream(path), {
  endpoint,
  chunkSize: 64 * 1024,
  uploadSize: fs.statSync(path).size,
  retryDelays: [0, 100, 300, 1000, 3000],
  headers: { Authorization: `Bearer ${token}` },
  metadata: { review, filename: "walk.mp4", filetype: "video/mp4", note: "By a program" },
  urlStorage: new tus.FileUrlStorage(storage),
  onChunkComplete() {
    chunks += 1;
    if (leaveAfter && chunks === Number(leaveAfter)) process.exit(7);
  },
  onError(error) { console.error(String(error)); process.exit(1); },
  onSuccess() { console.log(JSON.stringify({ url: upload.url, chunks })); },
});
const before = await upload.findPreviousUploads();
if (before.length) upload.resumeFromPreviousUpload(before[0]);
upload.start();
