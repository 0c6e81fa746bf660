// CommandLine: one declaration of a program's commands and options, and everything that follows from it: parsing with
// typed results, usage errors that name the nearest right word, help, man pages and shell completions.
//
// A program is a `Program`: global options, commands, exit codes. A command is a `Command`: a name, a summary, a struct
// of declarations (an `OptionGroup`) and one function that runs it. The declarations are ordinary stored properties
// (`let json = Flag("json", …)`), and are read by the same name (`arguments.json`), so what was not declared does not
// compile. Arguments are bytes: names that are not UTF-8 go through unchanged.
