"""One page that runs a model: a single offline HTML file, without anything from the network."""
