// CairnCommands: the command `cairn` as people and scripts meet it. Commands hold no logic that a program embedding the
// library would need: they read options, call a floor below and print what it says.
//
//   Program/     what is common: global options, exit codes, failures, where repository, key and cache are found
//   Console/     standard output and error, the terminal, JSON
//   Browsing/    what commands share that look into snapshots: entries and changes, as text and as JSON
//   Commands/    one file a command: its options, its text for help, what it does
//
// A new command is one file in Commands/ (copy VersionCommand.swift) and one line in Program/CairnProgram.swift.
