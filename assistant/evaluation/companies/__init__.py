"""Random small companies with planted effects and decoys: how true are the findings?"""
