"""Writers over the stream of results. None of them reaches into the runner."""
