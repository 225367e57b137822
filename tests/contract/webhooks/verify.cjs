// Reads [{secret, headers, body (base64)}] from stdin and says of each whether the official verifier accepts it as it is, and
// whether it accepts it with one byte changed. The first argument is the folder with the verifier.
const { Webhook } = require(require("path").join(process.argv[2], "standardwebhooks"));

function accepts({ secret, headers }, body) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

const verdicts = JSON.parse(require("fs").readFileSync(0, "utf8")).map((delivery) => {
  const body = Buffer.from(delivery.body, "base64");
  const flipped = Buffer.from(body);
  flipped[Math.floor(flipped.length / 2)] ^= 1;
  return { whole: accepts(delivery, body.toString("utf8")), flipped: accepts(delivery, flipped.toString("utf8")) };
});
process.stdout.write(JSON.stringify(verdicts));
