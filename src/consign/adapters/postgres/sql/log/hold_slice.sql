-- FOR SHARE: a takeover of the slice waits until the head's epoch is raised, and the other way round.
SELECT 1 FROM consign.slices WHERE slice = $1 AND owner = $2 AND epoch = $3 FOR SHARE
