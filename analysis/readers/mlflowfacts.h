#ifndef MLFLOWFACTS_H
#define MLFLOWFACTS_H
/* What MLflow's file store and its database say in the same words. */

#include "analysis/readers/feed.h"

/* mlflow.runName, mlflow.source.git.commit … are facts; tags of the user's own are notes. */
void mlflow_tag(struct feed *feed, struct str name, struct str text);
/* 1 RUNNING … 5 KILLED */
void mlflow_status(struct feed *feed, int64_t number);

#endif
