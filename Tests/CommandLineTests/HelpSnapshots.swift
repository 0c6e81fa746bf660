// What the help of the demo program looks like, to the letter.

let putHelp = """
    Put things into a box.

    Usage: demo put [OPTIONS] [PATH…] [-- COMMAND…]
    Also: store

    Arguments:
      PATH     What to put in.
      COMMAND  The command to run.

    Options:
      -e, --exclude PATTERN        Leave out what matches the pattern.
          --colour red|green|blue  How to paint it. [default: green]
          --label KEY=VALUE        A note to keep with it.
          --limit SIZE             The largest size. [environment: DEMO_LIMIT]
          --spare SIZE|PERCENT%    What may go unused.
          --from-command           Take the output of a command.

    Filters:
          --host NAME  Only this host's.
          --tag TEXT   Only with this tag.

    Global options:
      -b, --box LOCATION  The box to work on. [environment: DEMO_BOX]
          --jobs N        How many at once. [environment: DEMO_JOBS]
      -q, --quiet         Say less.
      -v, --verbose       Say more.
          --json          Answer in JSON.
      -h, --help          Show this help.

    Exit codes:
      0  done
      2  usage

    Examples:
      demo put -b box a
          Put one thing in.

    """

let programHelp = """
    Put things into boxes.

    Usage: demo [OPTIONS] COMMAND …

    A box holds things.

    Things are found again.

    Commands:
      version  show the version

    Things:
      put, store  put things into a box
      copy        copy some

    Boxes:
      show  show one
      key   work with keys

    Global options:
      -b, --box LOCATION  The box to work on. [environment:
                          DEMO_BOX]
          --jobs N        How many at once. [environment:
                          DEMO_JOBS]
      -q, --quiet         Say less.
      -v, --verbose       Say more.
          --json          Answer in JSON.
      -h, --help          Show this help.

    Exit codes:
      0  done
      2  usage

    "demo COMMAND --help" shows what a command takes.

    """
