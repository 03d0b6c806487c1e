// Package script turns files into labs. A lab is data: steps, commands, goals, faults and texts in Korean and English.
//
// A lab is one YAML file at the root of a file system; its name decides where it stands among the others, so that
// 01-intro.yaml comes before 02-liveness.yaml. The fields are those of [lab.Lab] and of what it holds, written in lower
// camel case (steps, minRestarts, id). The text of a step may stand in the file as body, or beside it as two Markdown
// files: <lab>/<step>.ko.md and <lab>/<step>.en.md.
//
// The package owns no state and starts no goroutine. It refuses what it does not understand: a field that does not
// exist, a reference to nothing, a text in one language only, a command that it could not carry out. All problems of
// all files are reported at once, each with its file and line ([Problems]). That is why it decodes YAML as a tree of nodes:
// what reads YAML elsewhere (settings, manifests) goes by way of JSON, as kubectl does, where lines are lost. It does not run
// commands and does not look at a cluster. Package course says what becomes of a command line between the lab file and kubectl.
package script
