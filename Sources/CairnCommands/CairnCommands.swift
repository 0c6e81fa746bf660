// CairnCommands
